import { describe, expect, it } from 'vitest';
import { countedAgents, isCounted } from '../../../src/core/breaker/policy.ts';
import { agentKey } from '../../../src/core/ids.ts';
import type { ProjectId } from '../../../src/core/ids.ts';
import { META, OTHER_META, SANDBOX, breakerRule } from '../../support/breaker-world.ts';

describe('counted agents of a project', () => {
  const project = { id: SANDBOX, breaker: breakerRule() };
  const agent = (name: string, of: ProjectId | null = SANDBOX, enabled = true) => ({
    key: agentKey(of, name),
    name,
    project: of,
    enabled,
  });

  it('are its enabled meta agents, by name', () => {
    const agents = [
      agent('project-meta-sandbox'),
      agent('developer'),
      agent('project-meta'),
      agent('project-meta-old', SANDBOX, false),
      agent('project-meta', 'demo' as ProjectId),
      agent('project-meta', null),
    ];
    expect(countedAgents(project, agents)).toEqual([OTHER_META, META]);
  });

  it('are others when the project says so', () => {
    expect(isCounted(agent('developer'), { agents: ['dev*'] })).toBe(true);
    expect(isCounted(agent('project-meta'), { agents: ['dev*'] })).toBe(false);
    expect(isCounted(agent('project-meta'), { agents: [] })).toBe(false);
  });
});
