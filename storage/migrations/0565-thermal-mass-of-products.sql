-- Rules on goods may judge each product by its own thermal mass.
ALTER TABLE products ADD COLUMN thermal_mass_ms bigint;
COMMENT ON COLUMN products.thermal_mass_ms IS 'Time constant with which it follows the air, ms; null: not said.';
