mod approving;
mod installation;
mod world;
