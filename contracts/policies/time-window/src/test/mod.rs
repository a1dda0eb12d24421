mod installation;
mod times;
