//! One submission to one server. Knows no storage.
