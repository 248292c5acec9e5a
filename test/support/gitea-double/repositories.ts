// The double's repositories and accounts.

import { decode, refusal, Refusal, required, signedIn, type Exchange, type Reply } from './exchange.ts';
import { repositoryShape, userShape } from './shapes.ts';
import { fullName, mayWrite } from './world.ts';

/** GET /version */
export function getVersion(): Reply {
  return { status: 200, body: { version: '1.27.3' } };
}

/** GET /user */
export function getUser(exchange: Exchange): Reply {
  return { status: 200, body: userShape(exchange.view, signedIn(exchange), 'own') };
}

/** POST /user/repos */
export function createRepository(exchange: Exchange): Reply {
  const { world, view } = exchange;
  const user = signedIn(exchange);
  const sent = decode(exchange, 'CreateRepoOption', { name: 'string', private: 'bool', description: 'string' });
  const name = required(exchange, sent['name'], 'Name');
  if (world.repository(user.login, name) !== null) {
    throw refusal(view, 409, 'The repository with the same name already exists.');
  }
  const repository = world.addRepository(user, name, {
    isPrivate: sent['private'] === true,
    description: (sent['description'] ?? '') as string,
  });
  return { status: 201, body: repositoryShape(view, repository) };
}

/** GET /repos/{owner}/{repo} */
export function getRepository(exchange: Exchange): Reply {
  return { status: 200, body: repositoryShape(exchange.view, exchange.repository) };
}

/** PATCH /repos/{owner}/{repo}: a new name leaves a redirect behind. */
export function editRepository(exchange: Exchange): Reply {
  const { repository, world, view } = exchange;
  if (!mayWrite(repository, signedIn(exchange))) {
    throw new Refusal({ status: 403 });
  }
  const sent = decode(exchange, 'EditRepoOption', { name: 'string', has_issues: 'bool', archived: 'bool' });
  if (typeof sent['name'] === 'string') {
    world.moved.set(fullName(repository).toLowerCase(), repository);
    repository.name = sent['name'];
  }
  repository.hasIssues = (sent['has_issues'] ?? repository.hasIssues) as boolean;
  repository.archived = (sent['archived'] ?? repository.archived) as boolean;
  return { status: 200, body: repositoryShape(view, repository) };
}

/** DELETE /repos/{owner}/{repo} */
export function deleteRepository(exchange: Exchange): Reply {
  const { repository, world } = exchange;
  if (!mayWrite(repository, signedIn(exchange))) {
    throw new Refusal({ status: 403 });
  }
  world.repositories.splice(world.repositories.indexOf(repository), 1);
  return { status: 204 };
}
