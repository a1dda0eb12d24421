mod input;
mod run;
mod wallets;
