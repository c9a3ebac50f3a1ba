"""calls_test.py for runs that are saved in segments, one of each block of draws: no segment is lost, none is wrong, none is
left."""
import unittest

import calls_test


class InSegments(calls_test.Calls):
    options = ("--segment-work", 0)
    concerned = ("runs/", "segments")  # the rest is as in calls_test.py


if __name__ == "__main__":
    unittest.main()
