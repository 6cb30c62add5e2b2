//! Tables whose rows are made of nouns that are kept in memory for listings.

use axum::response::Response;
use sallyport_app::{
    AppError, Ctx,
    listing::{self, Listed},
};

use super::{AT_ONCE, Asked, Filter, Table, TableOf};

impl<R> TableOf<R> {
    /// The table that is asked for.
    pub(crate) async fn table<T: Listed + Send + 'static>(
        &self,
        ctx: &Ctx,
        asked: &Asked,
        filters: Vec<Filter>,
        row: impl Fn(T) -> R,
    ) -> Result<Table, AppError> {
        let found = listing::page::<T>(ctx, asked.wanted(self, &marks(&filters))).await?;
        let table = self.asked(asked, filters).paged(asked, &found);
        let rows = found.items.into_iter().map(|noun| self.line(&table, &row(noun.value))).collect();
        Ok(table.rows(rows))
    }

    /// All of it as a file.
    pub(crate) async fn download<T: Listed + Send + 'static>(
        &self,
        ctx: &Ctx,
        asked: &Asked,
        filters: &[Filter],
        row: impl Fn(T) -> R,
    ) -> Result<Response, AppError> {
        let ids = listing::all::<T>(ctx, asked.wanted(self, &marks(filters))).await?;
        let mut file = self.file(asked);
        for some in ids.chunks(AT_ONCE) {
            for noun in listing::by_ids::<T>(ctx, some.to_vec()).await? {
                file.row(&row(noun.value));
            }
        }
        Ok(file.into_response())
    }
}

/// What the filters ask for besides text and state.
pub(crate) fn marks(filters: &[Filter]) -> Vec<&'static str> {
    filters.iter().map(|filter| filter.name).filter(|name| !["text", "state"].contains(name)).collect()
}
