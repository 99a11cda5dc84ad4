// Package csvfile reads and writes feedback as a spreadsheet does: CSV by RFC 4180,
// whose header names the webhook's fields with dots.
//
// [Reader] takes UTF-8 with or without a byte order mark, commas or semicolons,
// Unix or Windows line ends, and columns in any order. A row that is wrong is told
// by its line in the file and the number of its column, and handed back byte for
// byte, so that it can be mended and read again. [Writer] writes what Reader
// takes.
//
// Why not encoding/csv: it turns a carriage return before a line feed within a
// cell into nothing, so what was exported would come back changed; it gives
// neither a row's own bytes nor a bound on its length; and after a quotation mark
// that nobody closed the rest of the file is one cell, where Reader gives up a
// single line.
//
// # Cells that a spreadsheet would run
//
// A cell that begins with = + - @, a tab or a carriage return is a formula to
// some spreadsheet. Writer puts an apostrophe before it, and before one that
// begins with an apostrophe; Reader takes one off again. See
// https://owasp.org/www-community/attacks/CSV_Injection.
package csvfile
