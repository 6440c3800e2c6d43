import { formatDuration, type GoodsGroup, serverText, type ThermalMass } from '../../domain/index.ts';

/** By what a rule has the goods of a group follow the air (docs/rules.md, "Goods follow the air"): ms; null = they are as warm as the air. */
export function timeConstantOf(mass: ThermalMass | undefined, { thermalMassMs }: GoodsGroup): number | null {
  if (mass === undefined) return null;
  return 'timeConstantMs' in mass ? mass.timeConstantMs : (thermalMassMs ?? mass.otherwiseMs ?? null);
}

/** The same in a sentence, where it is each product's own; null where the rule itself says all. */
export function massSaid(mass: ThermalMass | undefined, group: GoodsGroup): string | null {
  if (mass === undefined || 'timeConstantMs' in mass) return null;
  const product = group.gtin ?? 'none';
  const constant = timeConstantOf(mass, group);
  if (constant === null) return serverText('found.mass.none', { product });
  const by = group.thermalMassMs === null ? 'rule' : 'product';
  return serverText('found.mass', { product, constant: formatDuration(constant), by });
}
