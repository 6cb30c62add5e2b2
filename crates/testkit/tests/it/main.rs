mod duo_client;
mod sandbox;
