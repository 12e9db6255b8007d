//! What queries mean, read back as a short text.
