"""Steps of the control database's schema, in order; Alembic runs what is missing at the start of a desk."""
