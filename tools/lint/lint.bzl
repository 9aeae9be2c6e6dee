"""lint: a check of the whole source tree as a test, and a test of the check."""

def lint(name, test_data = []):
    """Makes the tests `name`, from name.py, and `name_test`, from name_test.py.

    The check reads the real tree, which it finds by following the links to itself, and not
    files that Bazel knows of; hence `external`: its result is never taken from a cache.

    Args:
      name: name of the check
      test_data: what name_test.py reads besides
    """
    native.sh_test(
        name = name,
        size = "small",
        srcs = [name + ".py"],
        data = ["source_tree.py"],
        tags = [
            "external",
            "lint",
            "local",
        ],
    )
    native.sh_test(
        name = name + "_test",
        size = "small",
        srcs = [name + "_test.py"],
        data = [
            name + ".py",
            "source_tree.py",
        ] + test_data,
        tags = ["local"],
    )
