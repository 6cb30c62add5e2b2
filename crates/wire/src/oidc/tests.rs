//! Tests of what relying parties send.
