//! What others are told of, in one order; who has been told up to where; and what is on its way to webhooks.
//!
//! What happens besides changes is put into `event_new` by the transaction in which it happens, without a place: a place would
//! make every such transaction wait for every other. One transaction at a time then gives places to what is there, changes of
//! the feed among it. What commits later comes later, so a reader that has seen place *n* never finds a lower one afterwards.

use sallyport_model::{
    Change, Event, Happening, Time,
    event::Delivery,
    id::{EventId, WebhookId},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Reader, StoreError, Tx,
    noun::{damaged, decode, encode},
};

const NOTE: &str = "INSERT INTO event_new (id, at, doc) SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT) WHERE EXISTS (SELECT 1 FROM webhook) OR EXISTS (SELECT 1 FROM event_stream) ON CONFLICT DO NOTHING";
const NEW: &str = "SELECT id, at, doc FROM event_new ORDER BY at, id LIMIT $1";
const FORGET_NEW: &str = "DELETE FROM event_new WHERE id = $1";
const FORGET_ALL_NEW: &str = "DELETE FROM event_new";
const HEAD: &str = "SELECT seq FROM event_head WHERE id = 1";
const ADVANCE: &str = "UPDATE event_head SET seq = seq + $1 WHERE id = 1 RETURNING seq";
const APPEND: &str = "INSERT INTO event (seq, id, at, place, doc) VALUES ($1, $2, $3, $4, $5)";
const AFTER: &str = "SELECT event.seq, event.id, event.at, event.place, event.doc, change.doc FROM event LEFT JOIN change ON change.seq = event.place WHERE event.seq > $1 ORDER BY event.seq LIMIT $2";
const SWEEP: &str = "DELETE FROM event WHERE seq <= $1 OR at < $2";
const CHANGES: &str = "SELECT seq, at FROM change WHERE seq > $1 ORDER BY seq LIMIT $2";
const LEAST: &str = "SELECT seq FROM event_reader ORDER BY seq LIMIT 1";
const READER: &str = "SELECT seq, doc FROM event_reader WHERE id = $1";
const PUT_READER: &str = "INSERT INTO event_reader (id, seq, doc) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, doc = excluded.doc";
const FORGET_READER: &str = "DELETE FROM event_reader WHERE id = $1";
const PUT_DELIVERY: &str = "INSERT INTO delivery (webhook, event, seq, subject, state, due, doc) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (webhook, event) DO UPDATE SET state = excluded.state, due = excluded.due, doc = excluded.doc";
const FIND_DELIVERY: &str = "SELECT doc FROM delivery WHERE webhook = $1 AND event = $2";
const DELIVERIES: &str =
    "SELECT doc FROM delivery WHERE webhook = $1 AND event < $2 ORDER BY event DESC LIMIT $3";
const DUE: &str = "SELECT doc FROM delivery WHERE webhook = $1 AND state = 'waiting' AND due <= $2 AND NOT EXISTS (SELECT 1 FROM delivery AS before WHERE before.webhook = delivery.webhook AND before.subject = delivery.subject AND before.state = 'waiting' AND before.seq < delivery.seq) ORDER BY seq LIMIT $3";
const COUNT_WAITING: &str = "SELECT COUNT(*) FROM delivery WHERE webhook = $1 AND state = 'waiting'";
const HURRY: &str = "UPDATE delivery SET due = $2 WHERE webhook = $1 AND state = 'waiting' AND due > $2";
const OVER: &str = "SELECT event FROM delivery WHERE webhook = $1 AND state <> 'waiting' ORDER BY event DESC LIMIT 1000000 OFFSET $2";
const FORGET_DELIVERY: &str = "DELETE FROM delivery WHERE webhook = $1 AND event = $2";
const FORGET_DELIVERIES: &str = "DELETE FROM delivery WHERE webhook = $1";

#[cfg(test)]
pub(crate) const QUERIES: &[&str] = &[
    NOTE,
    NEW,
    FORGET_NEW,
    FORGET_ALL_NEW,
    HEAD,
    ADVANCE,
    APPEND,
    AFTER,
    SWEEP,
    CHANGES,
    LEAST,
    READER,
    PUT_READER,
    FORGET_READER,
    PUT_DELIVERY,
    FIND_DELIVERY,
    DELIVERIES,
    DUE,
    COUNT_WAITING,
    HURRY,
    OVER,
    FORGET_DELIVERY,
    FORGET_DELIVERIES,
];

/// What waits for its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Under which it waits; nothing of a change, which waits in the feed.
    pub waits: Option<String>,
    pub at: Time,
    /// Of a change its place in the feed, of anything else what it says.
    pub what: Place,
}

/// Where it stands what an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Feed(i64),
    Here(String),
}

/// An event at its place, or why it cannot be read any more.
#[derive(Debug, Clone)]
pub struct PlacedEvent {
    pub seq: i64,
    pub event: Result<Event, StoreError>,
}

impl Reader {
    /// The place of the newest event.
    ///
    /// # Errors
    /// The engine's.
    pub fn event_head(&mut self) -> Result<i64, StoreError> {
        Ok(self.query_one(HEAD, &[], |row| row.int(0))?.unwrap_or(0))
    }

    /// What happened besides changes and has no place yet.
    ///
    /// # Errors
    /// The engine's.
    pub fn new_events(&mut self, limit: i64) -> Result<Vec<NewEvent>, StoreError> {
        self.query(NEW, &[limit.max(0).into()], |row| {
            let (waits, what) = (Some(row.text(0)?), Place::Here(row.text(2)?));
            Ok(NewEvent { waits, at: Time(row.int(1)?), what })
        })
    }

    /// Changes after place `cursor` of the feed, each with that place.
    ///
    /// # Errors
    /// The engine's.
    pub fn changes_to_place(&mut self, cursor: i64, limit: i64) -> Result<Vec<(i64, NewEvent)>, StoreError> {
        self.query(CHANGES, &[cursor.into(), limit.max(0).into()], |row| {
            let seq = row.int(0)?;
            Ok((seq, NewEvent { waits: None, at: Time(row.int(1)?), what: Place::Feed(seq) }))
        })
    }

    /// The place of whichever reader of events has come the least far; nothing where there is no reader.
    ///
    /// # Errors
    /// The engine's.
    pub fn least_event_reader(&mut self) -> Result<Option<i64>, StoreError> {
        self.query_one(LEAST, &[], |row| row.int(0))
    }

    /// At most `limit` events after `cursor`, in order. One that cannot be read any more stands there as its error, with its
    /// place: whoever reads goes on behind it.
    ///
    /// # Errors
    /// The engine's.
    pub fn events_after(&mut self, cursor: i64, limit: i64) -> Result<Vec<PlacedEvent>, StoreError> {
        self.query(AFTER, &[cursor.into(), limit.max(0).into()], |row| {
            let seq = row.int(0)?;
            Ok(PlacedEvent { seq, event: event(seq, row) })
        })
    }

    /// How far a reader of events has come, and how it stands; nothing of one that is not there.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn event_reader<T: DeserializeOwned>(&mut self, id: &str) -> Result<Option<(i64, T)>, StoreError> {
        self.query_one(READER, &[id.into()], |row| {
            Ok((row.int(0)?, decode("event_reader", id, &row.text(1)?)?))
        })
    }

    /// # Errors
    /// The engine's, or a damaged row.
    pub fn find_delivery(
        &mut self,
        webhook: WebhookId,
        event: EventId,
    ) -> Result<Option<Delivery>, StoreError> {
        let (webhook, event) = (webhook.to_string(), event.to_string());
        let params = [(&webhook).into(), (&event).into()];
        self.query_one(FIND_DELIVERY, &params, delivery)
    }

    /// A webhook's deliveries before `before`, the newest first.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn deliveries(
        &mut self,
        webhook: WebhookId,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<Delivery>, StoreError> {
        // Behind every id of this kind.
        let before = before.map_or_else(|| "evt_g".to_owned(), |id| id.to_string());
        let webhook = webhook.to_string();
        let params = [(&webhook).into(), (&before).into(), limit.max(0).into()];
        self.query(DELIVERIES, &params, delivery)
    }

    /// What may be sent now: of each subject the first that waits, if its time has come.
    ///
    /// # Errors
    /// The engine's, or a damaged row.
    pub fn due_deliveries(
        &mut self,
        webhook: WebhookId,
        now: Time,
        limit: i64,
    ) -> Result<Vec<Delivery>, StoreError> {
        let webhook = webhook.to_string();
        let params = [(&webhook).into(), now.0.into(), limit.max(0).into()];
        self.query(DUE, &params, delivery)
    }

    /// How many deliveries of a webhook wait.
    ///
    /// # Errors
    /// The engine's.
    pub fn waiting_deliveries(&mut self, webhook: WebhookId) -> Result<i64, StoreError> {
        let id = webhook.to_string();
        Ok(self.query_one(COUNT_WAITING, &[(&id).into()], |row| row.int(0))?.unwrap_or(0))
    }
}

fn event(seq: i64, row: &crate::sql::Row<'_>) -> Result<Event, StoreError> {
    let id = seq.to_string();
    let (written, at) = (row.text(1)?, Time(row.int(2)?));
    let what = match row.int(3)? {
        0 => decode("event", &id, &row.text(4)?)?,
        place => {
            let doc = row.optional_text(5)?;
            let doc = doc.ok_or_else(|| StoreError::Missing { table: "change", id: place.to_string() })?;
            Happening::Change(decode::<Change>("change", &place.to_string(), &doc)?)
        }
    };
    let event = written.parse().map_err(|_| damaged("event", &id, "its id is none"))?;
    Ok(Event { id: event, seq, at, what })
}

fn delivery(row: &crate::sql::Row<'_>) -> Result<Delivery, StoreError> {
    decode("delivery", "", row.str(0)?)
}

impl Tx<'_> {
    /// Notes that something happened, where somebody is told of such things. `id` keeps it from being noted twice.
    ///
    /// # Errors
    /// The engine's.
    pub fn note_happening(&mut self, id: &str, at: Time, what: &Happening) -> Result<(), StoreError> {
        let doc = encode("event_new", what)?;
        self.execute(NOTE, &[id.into(), at.0.into(), (&doc).into()]).map(|_| ())
    }

    /// Gives these their places, in this order; each with an id that nobody else has.
    ///
    /// # Errors
    /// The engine's.
    pub fn place_events(&mut self, events: &[(EventId, NewEvent)]) -> Result<(), StoreError> {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let head = self
            .query_one(ADVANCE, &[count.into()], |row| row.int(0))?
            .ok_or(StoreError::Missing { table: "event_head", id: "1".into() })?;
        for (seq, (id, new)) in (head - count + 1..).zip(events) {
            let (place, doc) = match &new.what {
                Place::Feed(place) => (*place, ""),
                Place::Here(doc) => (0, doc.as_str()),
            };
            let id = id.to_string();
            self.execute(APPEND, &[seq.into(), (&id).into(), new.at.0.into(), place.into(), doc.into()])?;
            if let Some(waits) = &new.waits {
                self.execute(FORGET_NEW, &[waits.into()])?;
            }
        }
        Ok(())
    }

    /// Forgets what everybody has been told of, and what is older than `before` whoever has not.
    ///
    /// # Errors
    /// The engine's.
    pub fn sweep_events(&mut self, before: Time) -> Result<(), StoreError> {
        let told = self.least_event_reader()?;
        if told.is_none() {
            self.execute(FORGET_ALL_NEW, &[])?;
        }
        self.execute(SWEEP, &[told.unwrap_or(i64::MAX).into(), before.0.into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn put_event_reader<T: Serialize>(
        &mut self,
        id: &str,
        seq: i64,
        standing: &T,
    ) -> Result<(), StoreError> {
        let doc = encode("event_reader", standing)?;
        self.execute(PUT_READER, &[id.into(), seq.into(), (&doc).into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn forget_event_reader(&mut self, id: &str) -> Result<(), StoreError> {
        self.execute(FORGET_READER, &[id.into()]).map(|_| ())
    }

    /// # Errors
    /// The engine's.
    pub fn put_delivery(&mut self, webhook: WebhookId, delivery: &Delivery) -> Result<(), StoreError> {
        let doc = encode("delivery", delivery)?;
        let (webhook, event) = (webhook.to_string(), delivery.event.to_string());
        let params = [
            (&webhook).into(),
            (&event).into(),
            delivery.seq.into(),
            (&delivery.subject).into(),
            delivery.state.as_str().into(),
            delivery.due.0.into(),
            (&doc).into(),
        ];
        self.execute(PUT_DELIVERY, &params).map(|_| ())
    }

    /// What waits is tried at once.
    ///
    /// # Errors
    /// The engine's.
    pub fn hurry_deliveries(&mut self, webhook: WebhookId, now: Time) -> Result<(), StoreError> {
        self.execute(HURRY, &[(&webhook.to_string()).into(), now.0.into()]).map(|_| ())
    }

    /// Forgets all but the newest of those that are over.
    ///
    /// # Errors
    /// The engine's.
    pub fn keep_deliveries(&mut self, webhook: WebhookId, newest: i64) -> Result<(), StoreError> {
        let id = webhook.to_string();
        for event in self.query(OVER, &[(&id).into(), newest.into()], |row| row.text(0))? {
            self.execute(FORGET_DELIVERY, &[(&id).into(), (&event).into()])?;
        }
        Ok(())
    }

    /// # Errors
    /// The engine's.
    pub fn forget_deliveries(&mut self, webhook: WebhookId) -> Result<(), StoreError> {
        self.execute(FORGET_DELIVERIES, &[(&webhook.to_string()).into()]).map(|_| ())
    }
}
