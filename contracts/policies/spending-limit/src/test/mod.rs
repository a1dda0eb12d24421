mod built_wallet;
mod calls;
mod installation;
mod rolling_window;
mod world;
