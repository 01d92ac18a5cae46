import { ask, client } from "../api/client.ts";
import type { Submission } from "../api/types.ts";

const at = (id: string) => ({ params: { path: { submission_id: id } } });

export function rename(id: string, title: string): Promise<Submission> {
  return ask(client.PATCH("/api/submissions/{submission_id}", { ...at(id), body: { title } }));
}

export function retry(id: string): Promise<Submission> {
  return ask(client.POST("/api/submissions/{submission_id}/retry", at(id)));
}

export function cancel(id: string): Promise<Submission> {
  return ask(client.POST("/api/submissions/{submission_id}/cancel", at(id)));
}

export async function remove(id: string): Promise<void> {
  await ask(client.DELETE("/api/submissions/{submission_id}", at(id)));
}
