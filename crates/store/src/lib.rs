//! The encrypted database: schema, migrations, queries, body blobs. Knows no network.
