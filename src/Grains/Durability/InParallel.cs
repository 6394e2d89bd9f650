namespace SessionManager.Durability;

static class InParallel
{
    /// <summary>Does it for each, so many at a time that the callers are not crowded out.</summary>
    /// <param name="failed">Told of each that failed; the others go on.</param>
    public static async Task Each<T>(IEnumerable<T> items, int width, Func<T, Task> act, Action<T, Exception> failed)
    {
        foreach (var some in items.Chunk(width))
            await Task.WhenAll(some.Select(Try));

        async Task Try(T item)
        {
            try
            {
                await act(item);
            }
            catch (Exception exception)
            {
                failed(item, exception);
            }
        }
    }
}
