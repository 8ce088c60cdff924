/** Where the bank's doors are, as whoever serves the page knows them. */
export interface Config {
  /** The identity pool's API. */
  readonly userPool: string;
  /** The pool's app client. */
  readonly clientId: string;
  /** The back office's graph. */
  readonly graph: string;
}

/** Reads the settings that lie beside the page. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch(`${import.meta.env.BASE_URL}config.json`, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  const { userPool, clientId, graph } = (await answer.json()) as Partial<Config>;
  if (!userPool || !clientId || !graph) throw new Error("config.json lacks userPool, clientId or graph");
  return { userPool, clientId, graph };
}
