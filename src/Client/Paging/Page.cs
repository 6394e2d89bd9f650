using System.Runtime.CompilerServices;

namespace SessionManager.Client;

/// <summary>A part of a list.</summary>
/// <typeparam name="T">What it lists.</typeparam>
/// <param name="Data">In the list's order.</param>
/// <param name="Cursor">Where the next page begins; <see langword="null"/>: this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? Cursor = null);

/// <summary>Which part of a list is asked for.</summary>
public record PageOptions
{
    /// <summary>How many at most, 1 to 200; <see langword="null"/>: 50.</summary>
    public int? Limit { get; init; }

    /// <summary>The <see cref="Page{T}.Cursor"/> of the page before; <see langword="null"/>: the first page.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Whole lists, page by page as they are read.</summary>
static class Pages
{
    public const int LongestPage = 200;

    public static async IAsyncEnumerable<T> AllAsync<T>(
        Func<string?, CancellationToken, Task<Page<T>>> read, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? cursor = null;
        do
        {
            var page = await read(cursor, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Data)
                yield return item;
            cursor = page.Cursor;
        }
        while (cursor is not null);
    }
}
