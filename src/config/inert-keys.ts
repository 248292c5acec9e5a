// The keys that are accepted and checked but change nothing yet; `adf check` says so of each that is used.

/** Paths as in `adf explain`, lists written `[]`. A key leaves this list in the commit that gives it an effect. */
export const INERT_KEYS: readonly string[] = [
  'agents[].capabilities',
  'agents[].terraphim_role',
  'agents[].sfia_skills',
  'agents[].evolution_enabled',
  'agents[].rlm_enabled',
  'agents[].bypass_kg_routing',
];
