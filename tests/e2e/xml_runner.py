"""Runs unittest cases and writes the report that Bazel reads: a case of the report for each."""

import os
import sys
import time
import unittest
import xml.etree.ElementTree as ET


class _Result(unittest.TextTestResult):
    """Remembers each case with its time and what was wrong with it."""

    def __init__(self, *args):
        super().__init__(*args)
        self.cases = []
        self._started = 0.0

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()
        self.cases.append([test, 0.0, None])

    def stopTest(self, test):
        self.cases[-1][1] = time.monotonic() - self._started
        super().stopTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._note(test, "failure", self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._note(test, "error", self.errors[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped", reason)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._note(subtest, "failure", self._exc_info_to_string(err, test))

    def _note(self, test, kind, text):
        # What goes wrong in setUpClass belongs to no case that has started.
        if not self.cases or not isinstance(test, (unittest.TestCase,)):
            self.cases.append([test, 0.0, None])
        self.cases[-1][2] = (kind, text)


def _write(path, cases):
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name="e2e", tests=str(len(cases)))
    for test, seconds, wrong in cases:
        group, _, name = test.id().rpartition(".")
        case = ET.SubElement(suite, "testcase", classname=group, name=name, time=f"{seconds:.3f}")
        if wrong:
            ET.SubElement(case, wrong[0]).text = wrong[1]
    ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def main(module="__main__"):
    """Runs the module's cases; arguments name some of them, as unittest takes them."""
    loader = unittest.defaultTestLoader
    names = os.environ.get("TESTBRIDGE_TEST_ONLY", "").split() or sys.argv[1:]
    suite = (loader.loadTestsFromNames(names, sys.modules[module]) if names
             else loader.loadTestsFromModule(sys.modules[module]))
    result = unittest.TextTestRunner(verbosity=2, resultclass=_Result).run(suite)
    if "XML_OUTPUT_FILE" in os.environ:
        _write(os.environ["XML_OUTPUT_FILE"], result.cases)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
