namespace SessionManager.Durability;

static class InParallel
{
    /// <summary>Does it for each, so many at a time that the callers are not crowded out.</summary>
    /// <param name="failed">Told of each that failed; the others go on.</param>
    /// <returns>Whether none failed.</returns>
    public static async Task<bool> Each<T>(IEnumerable<T> items, int width, Func<T, Task> act, Action<T, Exception> failed)
    {
        var all = true;
        foreach (var some in items.Chunk(width))
            await Task.WhenAll(some.Select(Try));
        return all;

        async Task Try(T item)
        {
            try
            {
                await act(item);
            }
            catch (Exception exception)
            {
                all = false;
                failed(item, exception);
            }
        }
    }
}
