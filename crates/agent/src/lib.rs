//! The tray program: tray, bubbles, the api's server, the command line.
