mod chromium;
mod device;
mod duo_client;
mod hygiene;
mod sandbox;
mod wine;
