import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from csv_profile.sniff import sniff
from csv_profile.source import Source


def sniffed(text, delimiter=None):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "t.csv")
        path.write_text(text, newline="") if sys.version_info >= (3, 10) else path.write_bytes(text.encode())
        return tuple(sniff(Source(path, "t.csv"), delimiter))


class Sniff(unittest.TestCase):
    def test_finds_each_separator(self):
        for delimiter in ",;\t|":
            text = f"a{delimiter}b{delimiter}c\n1{delimiter}2{delimiter}3\n"
            self.assertEqual(sniffed(text), (delimiter, '"'))

    def test_is_not_misled_by_text_in_cells(self):
        self.assertEqual(sniffed("name;note\nx;hello, world\ny;one, two, three\n")[0], ";")
        self.assertEqual(sniffed('name,note\nx,"a;b;c"\ny,"d;e;f"\n')[0], ",")
        self.assertEqual(sniffed('a,b\n"x|y",1\n"z|w",2\n')[0], ",")

    def test_knows_a_decimal_comma_from_a_separator(self):
        self.assertEqual(sniffed("1,5;2,5\n3,5;4,5\n")[0], ";")
        self.assertEqual(sniffed("1,2,a;b\n3,4,c;d\n")[0], ",")

    def test_takes_ragged_rows_in_its_stride(self):
        self.assertEqual(sniffed("a;b;c\n1;2;3\n1;2\n4;5;6\n7,8\n")[0], ";")

    def test_a_file_of_one_column_has_one(self):
        self.assertEqual(sniffed("words\nplain\ntext, with a comma\nand more\n"), (",", '"'))
        self.assertEqual(sniffed(""), (",", '"'))

    def test_finds_single_quotes_and_leaves_apostrophes_alone(self):
        self.assertEqual(sniffed("a,b\n'x, y',1\n'z, w',2\n"), (",", "'"))
        self.assertEqual(sniffed("a,b\ndon't,1\n'tis,2\nit's,3\n"), (",", '"'))
        self.assertEqual(sniffed("a,b\n'x, y',1\n'z, w',2\n", ";")[0], ";")

    def test_reads_no_more_than_a_sample(self):
        rows = "".join(f'{n};"{"x; " * 40}"\n' for n in range(2000))
        self.assertEqual(sniffed("a;b\n" + rows), (";", '"'))


if __name__ == "__main__":
    unittest.main()
