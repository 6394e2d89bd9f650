using Microsoft.AspNetCore.Http.HttpResults;
using SessionManager.Errors;

namespace SessionManager.Api.Errors;

static class ResultExtensions
{
    /// <summary>200 with what a grain answered, or its refusal as a problem.</summary>
    public static Results<Ok<T>, Problem> ToAnswer<T>(this Result<T> result) =>
        result.Ok ? TypedResults.Ok(result.Value!) : (Problem)result.Refusal!;
}
