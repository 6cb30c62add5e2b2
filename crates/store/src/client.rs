//! Clients of protected applications that asked lately. Short-lived, and not part of the feed.

use sallyport_model::{Time, client::SeenClient, id::ApplicationId};

use crate::{
    Reader, StoreError, Tx,
    noun::{decode, encode},
    sql::Row,
};

const PUT: &str = "INSERT INTO client (application, name, host, seen, doc) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (application, name, host) DO UPDATE SET seen = excluded.seen, doc = excluded.doc";
const LIST: &str =
    "SELECT application, doc FROM client WHERE application = $1 ORDER BY seen DESC, name, host LIMIT $2";
const FIND: &str = "SELECT application, doc FROM client WHERE application = $1 AND name = $2 AND host = $3";
const DELETE: &str = "DELETE FROM client WHERE application = $1 AND name = $2 AND host = $3";
const SWEEP: &str = "DELETE FROM client WHERE seen < $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[PUT, LIST, FIND, DELETE, SWEEP];

impl Reader {
    /// The clients of an application, whoever asked last first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn clients_of(
        &mut self,
        application: ApplicationId,
        limit: i64,
    ) -> Result<Vec<SeenClient>, StoreError> {
        self.query(LIST, &[(&application.to_string()).into(), limit.max(0).into()], client)
    }

    /// What is known of this client, by what it calls itself and its machine.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_client(&mut self, seen: &SeenClient) -> Result<Option<SeenClient>, StoreError> {
        let application = seen.application.to_string();
        self.query_one(FIND, &[(&application).into(), (&seen.name).into(), (&seen.host).into()], client)
    }
}

impl Tx<'_> {
    /// Notes a client as it was seen now.
    ///
    /// # Errors
    /// The engine's.
    pub fn put_client(&mut self, client: &SeenClient) -> Result<(), StoreError> {
        let (application, doc) = (client.application.to_string(), encode("client", client)?);
        let params = [
            (&application).into(),
            (&client.name).into(),
            (&client.host).into(),
            client.seen.0.into(),
            (&doc).into(),
        ];
        self.execute(PUT, &params).map(|_| ())
    }

    /// Forgets a client.
    ///
    /// # Errors
    /// The engine's.
    pub fn delete_client(&mut self, client: &SeenClient) -> Result<(), StoreError> {
        let application = client.application.to_string();
        self.execute(DELETE, &[(&application).into(), (&client.name).into(), (&client.host).into()])
            .map(|_| ())
    }

    /// Forgets those that were seen before this time.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep_clients(&mut self, before: Time) -> Result<(), StoreError> {
        self.execute(SWEEP, &[before.0.into()]).map(|_| ())
    }
}

fn client(row: &Row<'_>) -> Result<SeenClient, StoreError> {
    decode("client", &row.text(0)?, &row.text(1)?)
}
