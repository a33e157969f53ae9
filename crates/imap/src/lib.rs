//! One conversation with one server: sign in, folders, fetch, watch, move. Knows no storage.
