import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from csv_profile import distinct
from csv_profile.column import Column


def summary(*batches, max_distinct=100):
    column = Column("c", "c", max_distinct)
    for batch in batches:
        column.add(tuple(batch))
    return column.summary()


class Type(unittest.TestCase):
    def test_is_the_narrowest_that_fits(self):
        for cells, wanted in (
            (["1", "-2", "+3", " 4 ", ""], "integer"),
            (["1", "2.5"], "number"),
            (["1e3", ".5", "-2.", "0.25"], "number"),
            (["True", "no"], "boolean"),
            (["2024-02-29"], "date"),
            (["2024-02-29", "2024-03-01T23:59:59.5+02:00", "2024-03-01 07:00"], "date"),
            (["", "  ", "\t"], "empty"),
            (["1", "x"], "text"),
        ):
            self.assertEqual(summary(cells)["type"], wanted, cells)

    def test_is_text_for_what_only_python_would_take(self):
        odd = ["1_000", "nan", "inf", "Infinity", "٣", "0x1F", "1e999", "--1", "1 2", "+", ".", "e", "1\x1f2", "\x1f1", "9" * 41]
        odd += ["2024-01-01\x1f2024-01-02"]
        for cell in odd:
            self.assertEqual(summary([cell])["type"], "text", cell)

    def test_is_text_where_a_leading_zero_would_be_lost(self):
        for cell in ("007", "-01", "00.5"):
            self.assertEqual(summary(["1", cell])["type"], "text", cell)
        self.assertEqual(summary(["0", "0.5", "-0"])["type"], "number")

    def test_is_text_for_a_day_that_is_none(self):
        for cell in ("2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T25:00", "24-01-01"):
            self.assertEqual(summary([cell])["type"], "text", cell)

    def test_widens_from_batch_to_batch_and_never_narrows(self):
        self.assertEqual(summary([""], ["1"], ["2.5"], ["3"])["type"], "number")
        self.assertEqual(summary(["1"], ["x"], ["2"])["type"], "text")
        self.assertEqual(summary(["2024-01-01"], ["1"])["type"], "text")
        self.assertEqual(summary(["true"], ["1"])["type"], "text")


class Measures(unittest.TestCase):
    def test_min_max_and_mean_run_over_all_batches(self):
        for cells in ([["4", "4", "10"], ["-2"]], [["4", "4", "10", "-2"]], [["4"], ["4"], ["10"], ["-2", ""]]):
            got = summary(*cells)
            self.assertEqual((got["min"], got["max"], got["mean"]), (-2, 10, 4.0))

    def test_the_mean_stays_right_far_from_zero(self):
        got = summary(*[[f"{10**12 + n}" for n in range(start, start + 50)] for start in range(0, 1000, 50)])
        self.assertAlmostEqual(got["mean"], 10**12 + 499.5, places=3)

    def test_a_column_that_became_text_has_no_numbers_left(self):
        got = summary(["1", "2"], ["x"])
        self.assertEqual((got["min"], got["max"], got["mean"]), (None, None, None))

    def test_cells_of_white_space_are_missing(self):
        for batch in (["a b", " ", "", "\t"], [f"a {n}" for n in range(60)] + [" "]):
            self.assertEqual(summary(batch, batch)["missing"], 2 * sum(not cell.strip() for cell in batch))


class Different(unittest.TestCase):
    def test_are_counted_exactly_up_to_the_bound(self):
        cells = [str(n) for n in range(100)]
        got = summary(cells, cells)
        self.assertEqual((got["distinct"], got["distinct_exact"]), (100, True))
        self.assertFalse(summary(cells + ["100"])["distinct_exact"])

    def test_are_estimated_closely_beyond_it(self):
        for form in ("%d", "user-%08d@example", "%x"):
            batches = [[form % n for n in range(start, start + 5000)] for start in range(0, 200_000, 5000)]
            got = summary(*batches, *batches[:3])
            self.assertFalse(got["distinct_exact"])
            self.assertLess(abs(got["distinct"] / 200_000 - 1), 0.06, form)

    def test_are_still_exact_while_few_are_over_the_bound(self):
        self.assertEqual(summary([str(n) for n in range(3000)])["distinct"], 3000)

    def test_hold_little_memory_even_when_they_are_long(self):
        with mock.patch.object(distinct, "CHARACTERS_MAX", 1000):
            got = summary(["x" * 300 + str(n) for n in range(5)])
        self.assertEqual((got["distinct"], got["distinct_exact"]), (5, False))


if __name__ == "__main__":
    unittest.main()
