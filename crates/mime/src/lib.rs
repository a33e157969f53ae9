//! Bytes <-> mail: parse, repair charsets, make HTML safe. No I/O.
