//! What a client may ask of the agent: requests, answers, events, error codes. One table, exported to TypeScript.
