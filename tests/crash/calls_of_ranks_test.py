"""calls_test.py for a team of two ranks: the disaster strikes one of them, MPI-IO included."""
import calls_test
from crash_case import LONG  # noqa: F401


class FirstRank(calls_test.Calls):
    ranks, rank, options = 2, 0, ("--ranks-per-run", 2)


class LastRank(calls_test.Calls):
    ranks, rank, options = 2, 1, ("--ranks-per-run", 2)


if __name__ == "__main__":
    import unittest
    unittest.main()
