mod authorization;
mod members;
mod review;
mod rotation;
mod world;
