//! Accounts at work: sync, watch, operations, notification rules. Joins the crates below and emits events.
