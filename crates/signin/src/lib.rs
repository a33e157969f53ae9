//! From an address to a session: provider recognition, settings, OAuth2, the account test.
