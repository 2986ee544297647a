//! For the tests of whoever implements or embeds the ports.
