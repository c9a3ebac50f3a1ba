"""calls_test.py for a team of two ranks, which write run files side by side: the disaster strikes one of them."""
import unittest

import calls_test


class FirstRank(calls_test.Calls):
    ranks, rank, options = 2, 0, ("--ranks-per-run", 2)
    errors, concerned = ("eio", "short"), "runs/"  # the rest is the first rank's alone, as in calls_test.py


class LastRank(FirstRank):
    rank = 1


if __name__ == "__main__":
    unittest.main()
