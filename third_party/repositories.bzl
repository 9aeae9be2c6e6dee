"""Repositories for an offline build: only what Debian 12 installs.

Bazel 4.2.3 itself wants rules_cc, rules_java (to parse its own JDK toolchains)
and remote_coverage_tools (for every test). None is needed for C++, so they are
generated here as stubs; Debian's bazel-rules-cc 0.0.4 is too new for 4.2.3.
"""

def _stub_repository_impl(rctx):
    for path, content in rctx.attr.files.items():
        rctx.file(path, content, executable = False)

stub_repository = repository_rule(
    implementation = _stub_repository_impl,
    attrs = {"files": attr.string_dict(mandatory = True)},
)

def _aliases(rules):
    return "\n".join(["{0} = native.{0}".format(rule) for rule in rules]) + "\n"

def bourse_repositories():
    stub_repository(
        name = "rules_cc",
        files = {
            "BUILD.bazel": "",
            "cc/BUILD.bazel": "",
            "cc/defs.bzl": _aliases([
                "cc_binary",
                "cc_import",
                "cc_library",
                "cc_proto_library",
                "cc_test",
                "cc_toolchain",
                "cc_toolchain_suite",
                "objc_library",
            ]),
        },
    )
    stub_repository(
        name = "rules_java",
        files = {
            "BUILD.bazel": "",
            "java/BUILD.bazel": "",
            "java/defs.bzl": _aliases([
                "java_binary",
                "java_import",
                "java_library",
                "java_runtime",
                "java_test",
                "java_toolchain",
            ]),
        },
    )
    stub_repository(
        name = "remote_coverage_tools",
        files = {
            "BUILD.bazel": """\
package(default_visibility = ["//visibility:public"])
alias(name = "coverage_report_generator", actual = "@bourse//tools/coverage:merge")
alias(name = "lcov_merger", actual = "@bourse//tools/coverage:merge")
""",
        },
    )

    # protoc, its gRPC plugin and the well-known .proto files, as tracked inputs.
    native.new_local_repository(
        name = "system",
        path = "/usr",
        build_file = "//third_party:system.BUILD.bazel",
    )
