//! What the operating system gives a tray program: tray, bubbles, power and network events, clipboard, autostart.
