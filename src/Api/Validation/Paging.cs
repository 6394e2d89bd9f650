using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Api.Errors;
using SessionManager.Lists;

namespace SessionManager.Api.Validation;

/// <summary>The <c>limit</c> and <c>cursor</c> of a list.</summary>
static class Paging
{
    const int DefaultLimit = 50;
    const int MaxLimit = 200;
    const int MaxCursor = 512;

    public static int Limit(string? text, Validator check)
    {
        if (text is null)
            return DefaultLimit;
        var ok = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= MaxLimit;
        return check.That(ok, "limit", $"must be a whole number from 1 to {MaxLimit}") ? limit : DefaultLimit;
    }

    /// <summary>Reads a page; a cursor that is none of ours is the caller's error.</summary>
    public static async Task<Results<Ok<Page<T>>, Problem>> Read<T>(
        string? cursor, Func<Task<Page<T>>> read)
    {
        var check = new Validator();
        if (check.That(cursor is null or { Length: > 0 and <= MaxCursor }, "cursor", "must be the cursor of a page before"))
        {
            try
            {
                return TypedResults.Ok(await read());
            }
            catch (FormatException)
            {
                check.That(false, "cursor", "must be the cursor of a page before");
            }
        }

        return check.Problem!;
    }
}
