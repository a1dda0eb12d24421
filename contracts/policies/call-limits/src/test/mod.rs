mod arguments;
mod built_wallet;
mod calls;
mod hostile;
mod installation;
mod model;
mod spending;
mod world;
