//! What machines send, as JSON Schemas: described by the types that read it.

use schemars::SchemaGenerator;
use serde_json::{Map, Value};

use crate::order::OrderDocument;
use crate::stock::StockDocument;

/// JSON Schemas (draft 2020-12) by name: `Order`, `Customer`, `StockCount`, and what stands in them.
pub fn documents() -> Map<String, Value> {
    let mut generator = SchemaGenerator::default();
    generator.subschema_for::<OrderDocument>();
    generator.subschema_for::<StockDocument>();
    generator.take_definitions(true)
}
