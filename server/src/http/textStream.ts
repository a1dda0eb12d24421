// A long text as an answer, in parts that are made while it is read. When making one fails, the connection is broken off: an
// answer that just ended would look whole.
export async function textStream(
  parts: AsyncGenerator<string, void>,
  headers: Record<string, string>,
  onError: (error: unknown) => void,
): Promise<Response> {
  const encoder = new TextEncoder();
  // What can go wrong at once goes wrong before the answer has begun.
  let next: IteratorResult<string, void> | null = await parts.next();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const part = next ?? (await parts.next());
        next = null;
        if (part.done) controller.close();
        else controller.enqueue(encoder.encode(part.value));
      } catch (error) {
        onError(error);
        controller.error(error);
      }
    },
    async cancel() {
      await parts.return();
    },
  });
  return new Response(body, { headers });
}
