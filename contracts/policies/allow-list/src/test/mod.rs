mod calls;
mod installation;
mod world;
