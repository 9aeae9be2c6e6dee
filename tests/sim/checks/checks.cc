#include "tests/sim/checks/checks.h"

namespace bourse::sim {

Checks MakeChecks(const CheckContext* context) {
  Checks checks;
  for (const auto make : {MakeChainsCheck, MakeRootsCheck, MakeLawsCheck, MakeOnceCheck,
                          MakeCertificatesCheck, MakeConflictsCheck, MakeExclusiveCheck,
                          MakeBlameCheck, MakeStormCheck, MakeMemoryCheck, MakeLogCheck}) {
    checks.push_back(make(context));
  }
  return checks;
}

}  // namespace bourse::sim
