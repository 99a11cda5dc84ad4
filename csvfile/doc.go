// Package csvfile reads and writes feedback as CSV files of RFC 4180, whose header has the
// webhook's field names with dots.
//
// [Reader] accepts what spreadsheets write: UTF-8 with or without a byte order mark, a first line
// sep=;, commas, semicolons or tabs, any line end, columns in any order and case, rows that lack
// their last cells, words in English and Dutch, and local moments. It reports a wrong row by its line
// in the file and the number of its column, and hands it back byte for byte, so that the operator can
// repair it and import it again. A wrong cell of an optional column costs only that field. [Writer]
// writes what Reader accepts.
//
// Three properties rule out encoding/csv. It drops a carriage return before a line feed within a
// cell, so an export would come back changed. It gives neither the bytes of a row nor a bound on
// its length. And after an unclosed quotation mark the rest of the file is one cell, where Reader
// gives up a single line.
//
// # Cells that a spreadsheet would change
//
// A cell that begins with = + - @, a tab or a carriage return is a formula to some spreadsheets.
// Writer puts an apostrophe before it, and before a cell that begins with an apostrophe; Reader
// removes one. See https://owasp.org/www-community/attacks/CSV_Injection. Writer also puts one before
// ids and names that a spreadsheet would take for a number or a date, and before those with space
// around them, which Reader otherwise removes.
package csvfile
